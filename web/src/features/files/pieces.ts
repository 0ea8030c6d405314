import { piece } from '../../lib/piece'

/** What a message that is being written needs once there is a file. */
export const fileCode = piece(() => import('./on-demand'))

/** What shows the files of messages that were sent: also to those who read a shared conversation. */
export const sentFilesCode = piece(() => import('./message-files'))
