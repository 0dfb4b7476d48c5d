// Input designed to be slow or large, for every part of the work whose size others control.
import { DISCLOSED } from './shapes/disclosures.js';
import { DOCUMENTS } from './shapes/documents.js';
import { PAYLOADS } from './shapes/payloads.js';
import type { Shape } from './shapes/shape.js';
import { TEXTS } from './shapes/texts.js';

export const SHAPES: readonly Shape[] = [...PAYLOADS, ...TEXTS, ...DISCLOSED, ...DOCUMENTS];
