#include "tests/mutants/mutant_profile.h"
#include <stddef.h>
#include <string.h>

static const struct mutant_profile profiles[] = {
	{
		.name = "paisr-v1",
		.signature = "X-Paisr-Signature",
		.content = "b",
		.resource = "/id",
		.type = "/event",
	},
	{
		.name = "paisr-v2",
		.signature = "X-PCB-Signature",
		.timestamp = "X-PCB-Timestamp",
		.timed = true,
		.future = true,
		.content = "t.b",
		.resource = "/id",
		.type = "/event",
	},
	{
		.name = "standard-webhooks",
		.signature = "webhook-signature",
		.timestamp = "webhook-timestamp",
		.message_id = "webhook-id",
		.form = FORM_LIST,
		.tag = "v1,",
		.base64 = true,
		.whsec = true,
		.timed = true,
		.future = true,
		.content = "i.t.b",
		.key = "webhook-id",
		.resource = "/data/id",
		.type = "/type",
	},
	{
		.name = "stripe",
		.signature = "Stripe-Signature",
		.form = FORM_PARTS,
		.tag = "v1=",
		.timed = true,
		.content = "t.b",
		.key = "/id",
		.resource = "/data/object/id",
		.type = "/type",
	},
	{
		.name = "github",
		.signature = "X-Hub-Signature-256",
		.form = FORM_TAG,
		.tag = "sha256=",
		.content = "b",
		.key = "X-GitHub-Delivery",
		.resource = "/id",
		.type = "/action",
	},
	{
		.name = "slack",
		.signature = "X-Slack-Signature",
		.timestamp = "X-Slack-Request-Timestamp",
		.form = FORM_TAG,
		.tag = "v0=",
		.timed = true,
		.future = true,
		.content = "v0:t:b",
		.key = "/event_id",
		.resource = "/event/id",
		.type = "/event/type",
	},
	{
		.name = "shopify",
		.signature = "X-Shopify-Hmac-SHA256",
		.base64 = true,
		.content = "b",
		.key = "X-Shopify-Event-Id",
		.resource = "/id",
		.type = "X-Shopify-Topic",
	},
	{
		.name = "square",
		.signature = "x-square-hmacsha256-signature",
		.base64 = true,
		.content = "ub",
		.key = "/event_id",
		.resource = "/data/id",
		.type = "/type",
	},
};

const struct mutant_profile *profile_find(const char *name)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}
