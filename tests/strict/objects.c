/* The objects that are alive, and the log. A list is enough: a program has some hundred objects. */
#include "strict.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static strict_object *objects;

static const struct {
    const char *name;
    cl_int error;
} kinds[] = {
    [STRICT_CONTEXT] = {"context", CL_INVALID_CONTEXT},
    [STRICT_QUEUE] = {"command queue", CL_INVALID_COMMAND_QUEUE},
    [STRICT_BUFFER] = {"buffer", CL_INVALID_MEM_OBJECT},
    [STRICT_PROGRAM] = {"program", CL_INVALID_PROGRAM},
    [STRICT_KERNEL] = {"kernel", CL_INVALID_KERNEL},
    [STRICT_EVENT] = {"event", CL_INVALID_EVENT},
};

cl_int strict_refuse(cl_int error, const char *function, const char *reason, ...)
{
    const char *path = getenv("CLGAN_STRICT_LOG");
    FILE *log = path && *path ? fopen(path, "a") : NULL;
    va_list arguments;
    va_start(arguments, reason);
    if (log) {
        fprintf(log, "%s: ", function);
        vfprintf(log, reason, arguments);
        fprintf(log, "\n");
        fclose(log);
    }
    va_end(arguments);
    return error;
}

strict_object *strict_get(strict_kind kind, const void *handle)
{
    pthread_mutex_lock(&lock);
    strict_object *object = objects;
    while (object && (object->handle != handle || object->kind != kind))
        object = object->after;
    pthread_mutex_unlock(&lock);
    return object;
}

strict_object *strict_add(strict_kind kind, void *handle)
{
    strict_object *object = handle ? calloc(1, sizeof *object) : NULL;
    if (!object)
        return NULL;
    object->kind = kind;
    object->handle = handle;
    object->references = 1;
    pthread_mutex_lock(&lock);
    object->after = objects;
    objects = object;
    pthread_mutex_unlock(&lock);
    return object;
}

static void forget(strict_object *object)
{
    strict_object **place = &objects;
    pthread_mutex_lock(&lock);
    while (*place != object)
        place = &(*place)->after;
    *place = object->after;
    pthread_mutex_unlock(&lock);
    free(object);
}

cl_int strict_retain(strict_kind kind, const void *handle, const char *function)
{
    strict_object *object = strict_get(kind, handle);
    if (!object)
        return strict_refuse(kinds[kind].error, function, "no %s that is alive", kinds[kind].name);
    object->references++;
    return CL_SUCCESS;
}

cl_int strict_release(strict_kind kind, const void *handle, const char *function)
{
    strict_object *object = strict_get(kind, handle);
    if (!object)
        return strict_refuse(kinds[kind].error, function, "no %s that is alive", kinds[kind].name);
    if (--object->references == 0)
        forget(object);
    return CL_SUCCESS;
}

/* A file in CLGAN_STRICT_ALIVE gets a line for each object that the program has not released when
 * it exits. */
__attribute__((destructor)) static void tell_alive(void)
{
    const char *path = getenv("CLGAN_STRICT_ALIVE");
    FILE *file = path && *path && objects ? fopen(path, "a") : NULL;
    for (strict_object *object = objects; file && object; object = object->after)
        fprintf(file, "a %s\n", kinds[object->kind].name);
    if (file)
        fclose(file);
}
