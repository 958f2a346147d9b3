/* SPDX-License-Identifier: MIT */
#include "session/above.h"

#include "base/xalloc.h"

#include <stdlib.h>

void above_begin(struct above *above)
{
	above->ancestors.count = 0;
	above->formers.count = 0;
}

static void add(struct programs *programs, struct text name)
{
	if (programs->count == programs->capacity) {
		programs->capacity = programs->capacity * 2 + 16;
		programs->texts = xreallocarray(
			programs->texts, programs->capacity, sizeof(*programs->texts));
	}
	programs->texts[programs->count++] = name;
}

void programs_add(struct programs *programs, struct text program, struct text script)
{
	add(programs, program);
	if (script.length > 0) {
		add(programs, script);
	}
}

void above_tell(const struct above *above, struct subject *subject)
{
	subject->ancestors = above->ancestors.texts;
	subject->ancestor_count = above->ancestors.count;
	subject->formers = above->formers.texts;
	subject->former_count = above->formers.count;
}

void above_finish(struct above *above)
{
	free(above->ancestors.texts);
	free(above->formers.texts);
	*above = (struct above){0};
}
