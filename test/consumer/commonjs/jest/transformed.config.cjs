// Every version of Node: what is published as ES modules alone is compiled. As in the README.
module.exports = {
  testMatch: ['**/*.test.cjs'],
  // The first run compiles.
  testTimeout: 120_000,
  transform: {
    '\\.[cm]?js$': ['babel-jest', { presets: [['@babel/preset-env', { targets: { node: 'current' } }]] }],
  },
  transformIgnorePatterns: ['/node_modules/(?!(ap2-pq|jose|@noble)/)'],
};
