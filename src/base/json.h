/* JSON that is built member by member. The first allocation that fails is kept as the status, and
 * whatever is added later is dropped, so that one check at the end is enough and no member can be
 * missing from what is written.
 *
 *     cg_json json;
 *     char *text;
 *     cg_json_init(&json);
 *     cg_json_add_number(&json, json.root, "format", 1);
 *     status = cg_json_print(&text, &json, CG_JSON_INDENTED);
 *     free(text);
 *     cg_json_deinit(&json);
 *
 * Every function takes the object or array that gets the member, `parent`; its NULL is the result
 * of an addition that failed. `name` is NULL where the parent is an array.
 */
#ifndef CLGAN_BASE_JSON_H
#define CLGAN_BASE_JSON_H

#include <cjson/cJSON.h>
#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cg_json {
    cJSON *root;      /* owned; NULL when there was no memory for it */
    cg_status status; /* CG_ERR_MEMORY, logged, once an allocation has failed */
} cg_json;

typedef enum { CG_JSON_COMPACT, CG_JSON_INDENTED } cg_json_form;

/* Makes the root an empty object. */
void cg_json_init(cg_json *json);

void cg_json_add_text(cg_json *json, cJSON *parent, const char *name,
                      const char *value); /* not NULL */
void cg_json_add_number(cg_json *json, cJSON *parent, const char *name, double value);
void cg_json_add_bool(cg_json *json, cJSON *parent, const char *name, bool value);

/* Adds a number that may be infinite or none, for which JSON has no words: the largest one then. */
void cg_json_add_finite(cg_json *json, cJSON *parent, const char *name, double value);

/* Adds all digits of the number; a double holds 53 bits. */
void cg_json_add_uint64(cg_json *json, cJSON *parent, const char *name, uint64_t value);

/* Adds an empty object or array and returns it, which belongs to its parent; NULL on failure. */
cJSON *cg_json_add_object(cg_json *json, cJSON *parent, const char *name);
cJSON *cg_json_add_array(cg_json *json, cJSON *parent, const char *name);

/* *text = the root as text, for free(). CG_ERR_MEMORY, and NULL, when an allocation failed,
 * here or before. */
cg_status cg_json_print(char **text, cg_json *json, cg_json_form form);

void cg_json_deinit(cg_json *json);

/* Writes text that was printed, and a line's end, as a file, which appears whole or not at all.
 * CG_ERR_WRITE. */
cg_status cg_json_write(const char *path, const char *text);

/* The values of a file's JSON may take this much memory: far more than those of what clgan
 * writes. */
enum { CG_JSON_MEMORY = 32 << 20 };

/* *json = what the `length` bytes are, blanks around it apart, for cJSON_Delete().
 * CG_ERR_INPUT, not logged, where they are no JSON, and where its values would take more than
 * `memory` bytes, which is found out before any is made: cJSON takes up to 40 times as much memory
 * as the text. CG_ERR_MEMORY, logged. *json is NULL then. Nothing beyond the bytes is read. */
cg_status cg_json_parse(cJSON **json, const char *text, size_t length, size_t memory);

#endif
