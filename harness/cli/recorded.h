/* A recorded run: its file read back into plan, figures and verdicts, as check and report need it.
 * The stored documents are loaded again, so that nothing of the machine of today is needed.
 * Not here: the file (store/), how it is judged (judging.h). */
#ifndef HP_CLI_RECORDED_H
#define HP_CLI_RECORDED_H
#include "base/err.h"
#include "engine/result.h"

struct recorded;

/* Reads a run file by its path, its folder, or the run's id below hookproof-out/. Returns new, or
 * NULL with *err: HP_EINPUT when the file is damaged or its parts do not fit together. */
struct recorded *recorded_open(const char *name, struct hp_err *err);
void recorded_close(struct recorded *recorded);

/* Judges the history again, or takes the verdicts that are stored; once. */
int recorded_judge(struct recorded *recorded, struct hp_err *err)
	__attribute__((warn_unused_result));
int recorded_take_verdicts(struct recorded *recorded, struct hp_err *err)
	__attribute__((warn_unused_result));

bool recorded_complete(const struct recorded *recorded);

/* Whether verdicts are stored: none are when the run was cut off, or while it was judged. */
bool recorded_judged(const struct recorded *recorded);

/* The folder of the file: reports without a path go there. */
const char *recorded_folder(const struct recorded *recorded);

/* What reports show; only after one of the two above. Good until closed. The command is the stored
 * one, or `command` when that is not NULL. */
const struct result *recorded_result(struct recorded *recorded, const char *command);
#endif
