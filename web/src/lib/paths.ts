/** Every address of the app, written once. */
export const paths = {
  newChat: '/',
  chat: (id: number | string) => `/c/${id}`,
  login: '/login',
  register: '/register',
  reset: '/reset',
  shared: (token: string) => `/s/${token}`,
  invite: (token: string) => `/invite/${token}`,
  plans: '/plans',
  settings: (tab = 'general') => `/settings/${tab}`,
  exported: (id: number, format: 'md' | 'json') => `/api/v1/conversations/${id}/export.${format}`,
  archive: '/settings/data#archive',
  trash: '/settings/data#trash',
}
