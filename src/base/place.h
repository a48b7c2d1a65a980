/* The places of the data files that come with clgan: the data set and the classifiers. No path of
 * the build is known to the library; it looks around itself, wherever it is installed or moved to.
 *
 *     cg_place place;
 *     puts(cg_place_find(&place, "mnist"));
 */
#ifndef CLGAN_BASE_PLACE_H
#define CLGAN_BASE_PLACE_H

enum { CG_PLACE_SIZE = 4096 };

typedef struct cg_place {
    char path[CG_PLACE_SIZE];
} cg_place;

/* Returns place->path: the first of these that is there,
 *
 *     $CLGAN_DATA_DIR/NAME
 *     data/NAME                              in the current folder
 *     FOLDER/share/clgan/NAME                in the shared library's folder, or the program's where
 *                                            it is static, and in the three above it; a build has
 *                                            a link there
 *
 * else the first of them, for a message. A CLGAN_DATA_DIR that is no folder is not passed over. */
const char *cg_place_find(cg_place *place, const char *name);

#endif
