// Node 24.9 and later, with --experimental-vm-modules: Jest itself requires ES modules.
module.exports = { testMatch: ['**/*.test.cjs'] };
