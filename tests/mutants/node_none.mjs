// The correct one.
import { serve } from './receiver.mjs';
serve();
