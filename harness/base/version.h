/* The program's version, as it was built. The only object that a new commit changes. */
#ifndef HP_BASE_VERSION_H
#define HP_BASE_VERSION_H

/* What `git describe` said, or the Makefile's number outside a repository. Printable, no spaces. */
extern const char hp_version[];
#endif
