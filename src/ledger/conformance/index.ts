export type { LedgerStore } from '../store/store.js';
export { createMemoryStore } from './memory-store.js';
export type { ConformanceResult, ConformanceTest } from './suite.js';
export { ledgerConformanceTests, runLedgerConformance } from './suite.js';
export type { OpenStore } from './world.js';
