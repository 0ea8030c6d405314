import { SignInPage } from '../features/accounts/sign-in-page'

export const Login = () => <SignInPage />
