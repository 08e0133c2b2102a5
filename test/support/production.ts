/** The least that production mode asks for, on loopback and on the embedded database. */
export const PRODUCTION = {
  SUNDIAL_MODE: 'production',
  HOST: '127.0.0.1',
  PUBLIC_URL: 'https://sundial.test',
  SUNDIAL_SIGNING_SECRET: 'a-signing-secret-of-letters',
  SUNDIAL_KEYS: Buffer.alloc(32, 7).toString('base64url'),
  ACCEPT_EMBEDDED_DATABASE: 'true',
};
