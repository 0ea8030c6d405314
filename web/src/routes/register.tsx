import { RegisterPage } from '../features/accounts/register-page'

export const Register = () => <RegisterPage />
