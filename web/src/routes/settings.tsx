import { SettingsPage } from '../features/settings/settings-page'

export const Settings = () => <SettingsPage />
