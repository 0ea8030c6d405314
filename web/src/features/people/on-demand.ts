// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them; two would cut what they share out of the first page
/** What only a conversation with several people needs. */
export { Faces } from './faces'
export { ReaderNote } from './reader-note'
