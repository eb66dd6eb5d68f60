import { jest } from '@jest/globals';

// Tests of whole processes share two cores with each other, and some wait for what another program
// does in its own time. One that failed is tried once more, and what it said is printed all the same.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
