// The exact versions that the package is tested with, as a user would install them.

/** The oldest supported version, the last one written in JavaScript, and the current one. */
export const TYPESCRIPTS: readonly string[] = ['5.4.5', '5.9.3', '7.0.2'];

export const TOOLS: readonly string[] = [
  '@sd-jwt/sd-jwt-vc@0.19.0',
  '@types/bun@1.4.5',
  '@types/node@20.19.43',
  'tsx@4.23.15',
  'jest@30.5.2',
  '@babel/preset-env@8.0.7',
];
