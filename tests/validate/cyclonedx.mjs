// A bill of materials by the JavaScript library of CycloneDX: ends with 1 where it is not valid.
import fs from 'node:fs';
import * as CDX from '@cyclonedx/cyclonedx-library';

const validator = new CDX.Validation.JsonStrictValidator(CDX.Spec.Version.v1dot6);
const wrong = await validator.validate(fs.readFileSync(process.argv[2], 'utf8'));
if (wrong !== null) {
    console.error(wrong);
    process.exit(1);
}
