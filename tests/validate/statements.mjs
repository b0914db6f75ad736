// Bundles of Sigstore, by its own libraries. usage: node statements.mjs NODE_MODULES PUB BUNDLE...; prints a line a bundle.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [modules, pub, ...files] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, toSignedEntity } = require('@sigstore/verify');

const key = crypto.createPublicKey(fs.readFileSync(pub));
const id = crypto.createHash('sha256').update(fs.readFileSync(pub)).digest('hex');
const publicKey = (hint) => {
  if (hint !== id) throw new Error(`the hint is ${hint}`);
  return { publicKey: key, validFor: () => true };
};
const trusted = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey };
const verifier = new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
for (const file of files) {
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(fs.readFileSync(file, 'utf8')))));
    console.log('OK');
  } catch (error) {
    console.log(`NO ${error.code ?? ''} ${error.message}`.replaceAll('\n', ' '));
  }
}
