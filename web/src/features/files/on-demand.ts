// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them; several would cut what they share out of the first page
/** What is needed once there is a file. */
export { FileStrip } from './file-strip'
export { MessageFiles } from './message-files'
export { addFiles } from './uploads'
