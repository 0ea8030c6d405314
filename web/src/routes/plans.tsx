import '../locales/billing-words'
import { PlansPage } from '../features/billing/plans-page'

export const Plans = () => <PlansPage />
