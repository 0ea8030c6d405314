// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them; several would cut what they share out of the first page
/** What a message that is being written needs once there is a file. */
export { FileStrip } from './file-strip'
export { addFiles } from './uploads'
