// Input made to be slow or large: every part of the work that someone else decides the size of.
import { DISCLOSED } from './shapes/disclosures.js';
import { DOCUMENTS } from './shapes/documents.js';
import { PAYLOADS } from './shapes/payloads.js';
import type { Shape } from './shapes/shape.js';
import { TEXTS } from './shapes/texts.js';

export const SHAPES: readonly Shape[] = [...PAYLOADS, ...TEXTS, ...DISCLOSED, ...DOCUMENTS];
