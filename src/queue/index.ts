export { Doorbell, type LaneHandler, type Reach, type Topic } from './doorbell.js';
export { InProcessDoorbell, LANES_AT_ONCE } from './in-process.doorbell.js';
export { QueueModule } from './queue.module.js';
