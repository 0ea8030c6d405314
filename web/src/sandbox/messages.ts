/** What the app and its sandboxed pages say to each other. Neither believes the other: both check what comes. */

/** A page says that it listens. */
export type Ready = { ready: true }

/** The app asks for a drawing. */
export type DrawRequest = { id: number; source: string; dark: boolean }

/** The page answers with a drawing, or with why there is none. */
export type DrawReply = { id: number; svg: string; width: number; height: number; title: string }
export type DrawFailure = { id: number; error: string }

/** The app names the image that a person asked to see; the page says how large it is, or that there is none. */
export type PictureRequest = { address: string }
export type PictureReply = { width: number; height: number }
export type PictureFailure = { error: true }
