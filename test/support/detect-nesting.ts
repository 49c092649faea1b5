import { detectNesting } from '../../src/database/nesting.js';

detectNesting();
