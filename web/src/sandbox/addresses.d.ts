declare module 'virtual:sandbox/*' {
  /** Where the page is. */
  export const address: string
}
