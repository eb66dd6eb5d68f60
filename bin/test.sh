#!/bin/sh
# What `npm test` does; its arguments go to jest: npm test -- redis
set -eu
cd "$(dirname "$0")/.."

sh bin/install.sh test
npm run --silent check
npm run --silent build
# A flag rather than NODE_OPTIONS: the programs that tests start should not get it too.
exec node --experimental-vm-modules --disable-warning=ExperimentalWarning \
  node_modules/jest/bin/jest.js "$@"
