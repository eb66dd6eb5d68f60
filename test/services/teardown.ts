import { clearServices } from './folder.ts';

/** After all tests: stops what the set-up started, and nothing that a developer brought along. */
export default async (): Promise<void> => {
  const folder = process.env.SLIPWAY_TEST_FOLDER;
  if (folder) await clearServices(folder);
};
