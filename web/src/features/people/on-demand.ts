// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them; two would cut what they share out of the first page
/** What needs several people in a conversation, or wants them. */
export { Faces } from './faces'
export { NotesOf } from './notes-of'
export { PeopleDialog } from './people-dialog'
export { Presence } from './presence'
export { ReaderNote } from './reader-note'
export { TypingLine } from './typing-line'
