#include "reports/report.h"

#include <string.h>

const struct report_format report_formats[] = {
	{"text", "", "the summary for people", report_text_write},
	{"json", "report.json", "everything, for programs; what --json prints", report_json_write},
	{"junit", "junit.xml", "JUnit XML for GitLab, GitHub and Azure", report_junit_write},
	{"junit-strict", "junit.xml", "JUnit XML that Jenkins' own schema accepts",
	 report_junit_strict_write},
	{NULL, NULL, NULL, NULL},
};

const struct report_format *report_find(const char *name)
{
	for (const struct report_format *format = report_formats; format->name; format++)
		if (strcmp(format->name, name) == 0)
			return format;
	return NULL;
}
