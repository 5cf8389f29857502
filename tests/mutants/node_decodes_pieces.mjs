// body += piece: each piece is decoded as UTF-8 by itself.
import { serve } from './receiver.mjs';
serve({ join: (pieces) => Buffer.from(pieces.reduce((text, piece) => text + piece, '')) });
