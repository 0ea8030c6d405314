import { SharedPage } from '../features/sharing/shared-page'

export const Shared = () => <SharedPage />
