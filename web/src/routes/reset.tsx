import { ResetPage } from '../features/accounts/reset-page'

export const Reset = () => <ResetPage />
