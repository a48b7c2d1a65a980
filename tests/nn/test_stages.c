/* The table of stages: each line's arrays are the network's by name and shape, a convolution's are
 * those that its call reads and writes, and every stage's cost is what it was worked out to be. */
#include "nn/plan.h"
#include "nn/stages.h"
#include "device.h"

#include <string.h>

enum { FAKES = 3, REALS = 2, IMAGES = FAKES + REALS };

/* A network whose stages write maps, not transforms: costs are then the maps'. */
static cg_network *create_network(size_t fakes, size_t reals)
{
    cg_network *net;
    ck_assert_int_eq(cg_network_create(&net, device, fakes, reals, 1, NULL), CG_OK);
    net->maps_only = true;
    const cg_choice choice = net->choice;
    ck_assert_int_eq(cg_network_apply(net, &choice), CG_OK);
    return net;
}

static const char *label_of(const cg_stage *stage)
{
    static char label[64];
    snprintf(label, sizeof label, "%s %s", stage->name, cg_pass_names[stage->pass]);
    return label;
}

/* ---- arrays by name -------------------------------------------------------------------------- */

static const cg_map *find_map(const cg_network *net, const char *name)
{
    const struct {
        const char *name;
        const cg_map *map;
    } maps[] = {{"images", &net->images}, {"h0", &net->h0},   {"h1", &net->h1},
                {"h2", &net->h2},         {"dh0", &net->dh0}, {"dh1", &net->dh1},
                {"dh2", &net->dh2},       {"a1", &net->a1},   {"a2", &net->a2},
                {"da1", &net->da1},       {"da2", &net->da2}, {"dimages", &net->dimages}};
    for (size_t i = 0; i < CG_COUNT(maps); i++)
        if (strcmp(maps[i].name, name) == 0)
            return maps[i].map;
    return NULL;
}

static const cg_buffer *find_buffer(const cg_network *net, const char *name)
{
    const struct {
        const char *name;
        const cg_buffer *buffer;
    } buffers[] = {
        {"noise", net->noise},       {"mask2", net->mask2},       {"logits", net->logits},
        {"factor_d", net->factor_d}, {"factor_g", net->factor_g},
    };
    for (size_t i = 0; i < CG_COUNT(buffers); i++)
        if (strcmp(buffers[i].name, name) == 0)
            return buffers[i].buffer;
    return NULL;
}

/* The number that a dimension stands for. */
static size_t value_of(int dim, const cg_network *net)
{
    return dim == CG_DIM_FAKES    ? net->fakes
           : dim == CG_DIM_IMAGES ? net->fakes + net->reals
           : dim == CG_DIM_ARENA  ? cg_arena_floats(&net->arenas[CG_ARENA_PARAMS])
                                  : (size_t)dim;
}

static size_t count_elements(const cg_stage_array *array, const cg_network *net)
{
    size_t product = 1;
    for (size_t i = 0; i < CG_DIMS && array->dims[i]; i++)
        product *= value_of(array->dims[i], net);
    return product;
}

/* [images, h, w, c]; images may be those at the map's begin alone. */
static void check_map(const cg_stage_array *array, const cg_map *map, const cg_network *net)
{
    size_t images = value_of(array->dims[0], net);
    ck_assert_int_lt(array->dims[0], 0);
    ck_assert(images == map->n || (images == net->fakes && map->n == net->fakes + net->reals));
    ck_assert_uint_eq((size_t)array->dims[1], map->h);
    ck_assert_uint_eq((size_t)array->dims[2], map->w);
    ck_assert_uint_eq((size_t)array->dims[3], map->c);
    ck_assert_uint_eq(cg_padded_channels(map->c), map->c); /* so that there are no lanes to count */
    ck_assert(!array->bytes);
}

/* The batch is the largest, as the network's is here. Random numbers come in whole groups. */
static void check_buffer(const cg_stage_array *array, const cg_buffer *buffer,
                         const cg_network *net)
{
    size_t elements = count_elements(array, net);
    size_t floats = cg_round_up(elements, CG_RANDOM_GROUP);
    ck_assert_uint_eq(buffer->bytes, array->bytes ? elements : floats * sizeof(float));
}

/* "g.dense.weight" or "grad g.dense.weight", of the stage's own layer; dimensions of 1 at its end
 * may be left out. False when it is no parameter. */
static bool check_param(const cg_stage_array *array, const cg_stage *stage)
{
    const char *name = strncmp(array->name, "grad ", 5) == 0 ? array->name + 5 : array->name;
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        const cg_param_spec *spec = &cg_model_params[id];
        if (strcmp(spec->name, name) != 0)
            continue;
        ck_assert_int_eq(strncmp(name, stage->name, strlen(stage->name)), 0);
        ck_assert_int_eq(name != array->name, stage->pass == CG_BWD_WEIGHT);
        for (size_t d = 0; d < CG_DIMS; d++) {
            size_t dim = d < spec->rank ? spec->dims[d] : 0;
            ck_assert(array->dims[d] ? (size_t)array->dims[d] == dim : dim <= 1);
        }
        return true;
    }
    return false;
}

/* "gamma, beta": two vectors, each with the features of the stage's batchnorm. */
static bool check_vectors(const cg_stage_array *array, const cg_stage *stage, const cg_network *net)
{
    static const struct {
        const char *name;
        size_t vectors;
    } rows[] = {{"moments", CG_MOMENTS},
                {"gamma, beta", 2},
                {"moving mean, variance", 2},
                {"mean, 1/std, scale, shift", 4}};
    if (strncmp(stage->name, "g.bn", 4) != 0)
        return false;
    const cg_batchnorm *bn = &net->bn[stage->name[4] - '0'];
    for (size_t i = 0; i < CG_COUNT(rows); i++) {
        if (strcmp(rows[i].name, array->name) != 0)
            continue;
        ck_assert_uint_eq((size_t)array->dims[0], rows[i].vectors);
        ck_assert_uint_eq((size_t)array->dims[1], cg_batchnorm_features(bn));
        ck_assert_int_eq(array->dims[2], 0);
        return true;
    }
    return false;
}

static bool is_arena(const cg_stage_array *array)
{
    static const char *const names[] = {"parameters", "gradients", "moment1", "moment2"};
    for (size_t i = 0; i < CG_COUNT(names); i++)
        if (strcmp(names[i], array->name) == 0)
            return array->dims[0] == CG_DIM_ARENA && !array->dims[1];
    return false;
}

static void check_array(const cg_stage_array *array, const cg_stage *stage, const cg_network *net)
{
    const cg_map *map = find_map(net, array->name);
    const cg_buffer *buffer = find_buffer(net, array->name);
    if (map)
        check_map(array, map, net);
    else if (buffer)
        check_buffer(array, buffer, net);
    else
        ck_assert_msg(check_param(array, stage) || check_vectors(array, stage, net) ||
                          is_arena(array),
                      "%s: the network has no array '%s'", label_of(stage), array->name);
}

START_TEST(arrays_are_the_networks)
{
    cg_network *net = create_network(FAKES, REALS);
    for (const cg_stage *stage = cg_stages; stage < cg_stages + CG_STAGES; stage++) {
        ck_assert_ptr_nonnull(stage->reads[0].name);
        ck_assert_ptr_nonnull(stage->writes[0].name);
        for (size_t i = 0; i < CG_STAGE_ARRAYS && stage->reads[i].name; i++)
            check_array(&stage->reads[i], stage, net);
        for (size_t i = 0; i < CG_STAGE_ARRAYS && stage->writes[i].name; i++)
            check_array(&stage->writes[i], stage, net);
    }
    cg_network_release(net);
}
END_TEST

/* ---- convolutions ---------------------------------------------------------------------------- */

static void check_side(const cg_plane *plane, const cg_stage_array *array)
{
    ck_assert_int_eq(array->dims[1], (int)plane->side);
    ck_assert_int_eq(array->dims[2], (int)plane->side);
    ck_assert_int_eq(array->dims[3], (int)plane->channels);
}

/* reads: x; x and dy; dy. writes: y; a parameter's gradient; dx. */
static void check_line(const cg_stage *stage, const cg_conv2d *call, const cg_network *net)
{
    bool weight = stage->pass == CG_BWD_WEIGHT, data = stage->pass == CG_BWD_DATA;
    const cg_stage_array *in = data ? &stage->writes[0] : &stage->reads[0];
    const cg_stage_array *out = weight ? &stage->reads[1]
                                : data ? &stage->reads[0]
                                       : &stage->writes[0];
    const cg_map *large =
        stage->layer->transposed ? find_map(net, out->name) : find_map(net, in->name);
    const cg_map *small =
        stage->layer->transposed ? find_map(net, in->name) : find_map(net, out->name);
    check_side(&stage->layer->in, in);
    check_side(&stage->layer->out, out);
    ck_assert_ptr_eq(call->large.buffer, large->buffer);
    ck_assert_ptr_eq(call->small.buffer, small->buffer);
    ck_assert_uint_eq(call->shape.n, value_of(in->dims[0], net));
    ck_assert_uint_eq(call->shape.n, value_of(out->dims[0], net));
    ck_assert_int_eq(weight, strncmp(stage->writes[0].name, "grad ", 5) == 0);
    ck_assert_int_eq(weight && call->db, stage->writes[1].name != NULL);
    ck_assert_ptr_eq(
        call->weight,
        net->arenas[weight ? CG_ARENA_GRADS : CG_ARENA_PARAMS].view[stage->layer->weight]);
}

START_TEST(convolutions_are_their_layers)
{
    size_t passes[CG_LAYER_COUNT][CG_PASS_COUNT] = {{0}};
    cg_network *net = create_network(FAKES, REALS);
    for (const cg_stage *stage = cg_stages; stage < cg_stages + CG_STAGES; stage++) {
        if (!stage->layer)
            continue;
        const cg_conv2d call = cg_stage_conv(stage, net);
        ck_assert_str_eq(stage->name, stage->layer->name);
        check_line(stage, &call, net);
        passes[stage->layer - cg_model_layers][stage->pass]++;
    }
    for (size_t l = 0; l < CG_LAYER_COUNT; l++)
        for (cg_pass pass = CG_FWD; pass < CG_PASS_COUNT; pass++) {
            ck_assert_uint_eq(passes[l][pass], pass <= CG_BWD_DATA);
            ck_assert_int_eq(cg_stage_of_layer((cg_layer_id)l, pass) != NULL, pass <= CG_BWD_DATA);
        }
    cg_network_release(net);
}
END_TEST

/* ---- costs ----------------------------------------------------------------------------------- */

/* A multiply-add for each tap at each pixel of the small map, whichever way the layer goes. */
static double nominal_of(const cg_layer_spec *layer, size_t n)
{
    const cg_plane small = layer->transposed ? layer->in : layer->out;
    return 2.0 * (double)(n * small.side * small.side * layer->kernel * layer->kernel) *
           (double)(layer->in.channels * layer->out.channels);
}

/* Bytes that are read and written for each element of the output beside the arrays of the line:
 * masks, gates, what tanh was. */
static size_t extra_bytes(const cg_stage *stage)
{
    if (stage->name[0] == 'g' || stage->pass == CG_BWD_WEIGHT)
        return 0;
    return stage->pass == CG_FWD                          ? 2
           : stage->layer == &cg_model_layers[CG_D_CONV1] ? sizeof(float)
                                                          : 1;
}

/* The maps of the line and the weight, once each. */
static double bytes_of(const cg_stage *stage, const cg_network *net)
{
    const cg_stage_array *arrays[] = {&stage->reads[0], &stage->reads[1], &stage->writes[0]};
    size_t floats = cg_param_size(&cg_model_params[stage->layer->weight]);
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        if (arrays[i]->name && find_map(net, arrays[i]->name))
            floats += count_elements(arrays[i], net);
    size_t extra = extra_bytes(stage) * count_elements(&stage->writes[0], net);
    return (double)(floats * sizeof(float) + extra);
}

START_TEST(convolutions_cost_their_geometry)
{
    cg_network *net = create_network(FAKES, REALS);
    for (const cg_stage *stage = cg_stages; stage < cg_stages + CG_STAGES; stage++) {
        if (!stage->layer)
            continue;
        const cg_stage_cost cost = cg_stage_find_cost(stage, net);
        size_t n = cg_stage_conv(stage, net).shape.n;
        ck_assert_double_eq(cost.flop_nominal, nominal_of(stage->layer, n));
        ck_assert_double_gt(cost.flop_real, cost.flop_nominal / 2);
        ck_assert_double_lt(cost.flop_real, cost.flop_nominal); /* all of them have padding */
        ck_assert_double_gt(cost.flop_done, 0);
        ck_assert_double_eq(cost.bytes, bytes_of(stage, net));
    }
    cg_network_release(net);
}
END_TEST

/* Operations and bytes of the other stages with 8 fakes and 8 reals, by hand: for g.dense forward
 * 2 * 8 * 12544 * 100 and 4 (8 * 100 + 100 * 12544 + 8 * 12544). */
START_TEST(other_stages_cost)
{
    static const struct {
        const char *name;
        cg_pass pass;
        double flop, bytes;
    } costs[] = {
        {"g.dense", CG_FWD, 20070400, 5422208},
        {"g.bn0", CG_FWD, 0, 13 * 4 * 12544},
        {"g.bn1", CG_FWD, 0, 13 * 4 * 128},
        {"g.bn2", CG_FWD, 0, 13 * 4 * 64},
        {"d.dense", CG_FWD, 2 * 16 * 6272, 4 * (16 * 6272 + 6272 + 16)},
        {"loss", CG_FWD, 0, 4 * (16 + 16 + 16 + 8)},
        {"d.dense", CG_BWD_WEIGHT, 2 * 16 * 6272, 4 * (16 * 6272 + 6272 + 16)},
        {"d.dense", CG_BWD_DATA, 0, 5 * 16 * 6272 + 4 * 6272},
        {"g.bn2", CG_BWD, 0, 3 * 4 * 8 * 12544},
        {"g.bn1", CG_BWD, 0, 3 * 4 * 8 * 6272},
        {"g.dense", CG_BWD_WEIGHT, 20070400, 5422208 + 4 * 8 * 12544},
        {"adam", CG_UPDATE, 0, 0}, /* as below */
    };
    size_t found = 0;
    cg_network *net = create_network(8, 8);
    double arena = (double)cg_arena_floats(&net->arenas[CG_ARENA_PARAMS]) * sizeof(float);
    for (const cg_stage *stage = cg_stages; stage < cg_stages + CG_STAGES; stage++) {
        const cg_stage_cost cost = cg_stage_find_cost(stage, net);
        ck_assert_msg(cost.bytes > 0, "%s costs nothing", label_of(stage));
        for (size_t i = 0; i < CG_COUNT(costs); i++) {
            if (strcmp(costs[i].name, stage->name) != 0 || costs[i].pass != stage->pass)
                continue;
            found++;
            ck_assert_double_eq(cost.flop_nominal, costs[i].flop);
            ck_assert_double_eq(cost.flop_real, costs[i].flop);
            ck_assert_double_eq(cost.flop_done, costs[i].flop);
            ck_assert_double_eq(cost.bytes, costs[i].bytes > 0 ? costs[i].bytes : 7 * arena);
        }
    }
    ck_assert_uint_eq(found, CG_COUNT(costs));
    ck_assert_uint_eq(found + 3 * CG_LAYER_COUNT, CG_STAGES); /* every stage was looked at */
    cg_network_release(net);
}
END_TEST

/* ---- the table as a whole -------------------------------------------------------------------- */

/* A line enqueues one thing, and no two lines have one label. */
START_TEST(lines_are_distinct)
{
    for (size_t i = 0; i < CG_STAGES; i++) {
        const cg_stage *stage = &cg_stages[i];
        ck_assert_int_eq((stage->layer != NULL) + (stage->dense != NULL) + (stage->enqueue != NULL),
                         1);
        ck_assert_int_eq(cg_stage_has_choice(stage), stage->enqueue == NULL);
        ck_assert(stage->layer || !stage->fuse);
        for (size_t j = 0; j < i; j++)
            ck_assert(strcmp(stage->name, cg_stages[j].name) != 0 ||
                      stage->pass != cg_stages[j].pass);
    }
    ck_assert_str_eq(cg_stages[CG_STAGES - 1].name, "adam");
}
END_TEST

/* The first stages are all of G's forward ones, a batchnorm before each convolution. */
START_TEST(generator_comes_first)
{
    size_t norms = 0;
    for (size_t i = 0; i < CG_STAGES; i++) {
        bool generator = cg_stages[i].pass == CG_FWD && cg_stages[i].name[0] == 'g';
        ck_assert_int_eq(generator, i < CG_GENERATOR_STAGES);
        norms += generator && cg_stages[i].enqueue;
        if (generator && cg_stages[i].layer)
            ck_assert_uint_eq(norms, (size_t)(cg_stages[i].layer - cg_model_layers) + 1);
    }
    ck_assert_uint_eq(norms, CG_BATCHNORMS);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("stages");
    tcase_add_test(tests, arrays_are_the_networks);
    tcase_add_test(tests, convolutions_are_their_layers);
    tcase_add_test(tests, convolutions_cost_their_geometry);
    tcase_add_test(tests, other_stages_cost);
    tcase_add_test(tests, lines_are_distinct);
    tcase_add_test(tests, generator_comes_first);
    tcase_set_timeout(tests, 120);
    return device_run_case(tests, "nn/stages");
}
