// The 100 kB that body-parser allows by default.
import { serve } from './receiver.mjs';
serve({ limit: 100 * 1024 });
