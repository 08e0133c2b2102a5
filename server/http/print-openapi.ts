import { operations } from '../contract.ts';
import { openApiDocument } from './openapi.ts';

process.stdout.write(`${JSON.stringify(openApiDocument(operations), null, 2)}\n`);
