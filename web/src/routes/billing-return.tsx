import '../locales/billing-words'
import { ReturnPage } from '../features/billing/return-page'

export const BillingReturn = () => <ReturnPage />
