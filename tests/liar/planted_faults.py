"""The table of planted faults: what a driver or a device may do wrong without an error.

Each fault has a name; a lie of the library liar.h, or a change to the text of a kernel; what of the
program's options makes it meet the fault; and when it has to be found:

    BEFORE  the self-test names it, before training: exit 4
    WITHIN  it begins later, or is rare: training names it within 500 steps: exit 4
    NEVER   it is none, and nobody may complain

The suite takes a sample of them: by COMMANDS those that the checks of commands alone find, which
cost little; by SELFTEST a few more.
"""

import collections

BEFORE, WITHIN, NEVER = "before training", "within 500 steps", "never"
COMMANDS, SELFTEST = "commands", "selftest"

Fault = collections.namedtuple("Fault", "name lie file old new options gpu when sample")


def lie(name, text, when=BEFORE, options="", sample=None):
    return Fault(name, text, None, None, None, options, False, when, sample)


def text(name, file, old, new, options="", gpu=False, when=BEFORE, sample=None):
    return Fault(name, None, file, old, new, options, gpu, when, sample)


# Algorithms beside the default of CPUs (fourier, image, own), at the layers that they serve.
DIRECT = "--algorithm g.convt1=direct,g.convt2=direct,d.conv2=direct"
PLAIN = "--algorithm plain --gemm plain --batch 8"
GPU = "--algorithm g.convt1=fourier_tiled,g.convt2=fourier_tiled,d.conv2=fourier_tiled," \
      "g.convt3=canvas,d.conv1=canvas --batch 40"
TILED = "--algorithm g.convt1=tiled,g.convt2=tiled,d.conv2=tiled,g.convt3=canvas,d.conv1=canvas " \
        "--batch 40"
CLBLAST = "--gemm clblast"

# Kernels for few groups use every 16th group on PoCL (SPREAD): their last one is 16 of these.
LIES = [
    lie("an honest library", "", NEVER, sample=COMMANDS),
    # ---- launches
    lie("each 100th launch is left out", "skip-launch:100", sample=COMMANDS),
    lie("each 1,000th launch is left out", "skip-launch:1000", sample=COMMANDS),
    lie("the first launch of each kernel is left out", "skip-first", sample=COMMANDS),
    lie("kernels run the first time only", "only-first", sample=COMMANDS),
    lie("adam runs the first time only", "only-first@adam_step"),
    lie("adam is left out each 3rd time", "skip-launch:3@adam_step"),
    lie("each 1,000th launch runs twice", "twice:1000", sample=COMMANDS),
    lie("adam runs twice each 3rd time", "twice:3@adam_step"),
    lie("each 100th launch comes after the next one", "swap:100", sample=COMMANDS),
    lie("each 1,000th launch comes after the next one", "swap:1000", sample=COMMANDS),
    lie("noise has the step of the launch before", "late-word:2@random_normal"),
    lie("adam begins where the launch before began", "late-word:5@adam_step"),
    lie("batchnorm_merge has an argument of the launch before", "late-arg@batchnorm_merge"),
    lie("shards: a group of the gradients' sums is left out, from the 10th on",
        "mid-group:777@tree_sum+10", WITHIN, "--shards 4"),
    lie("the last work-group is left out", "last-group", sample=COMMANDS),
    lie("the last work-group of each 1,000th launch is left out", "last-group:1000",
        sample=COMMANDS),
    lie("the last work-group of conv2d_up_image is left out", "last-groups@conv2d_up_image",
        sample=SELFTEST),
    lie("the last work-group of fourier_map is left out", "last-group@fourier_map"),
    lie("the last work-group of fourier_product_up is left out",
        "last-groups@fourier_product_up"),
    lie("the last work-group of dense_product_fwd is left out", "last-groups@dense_product_fwd"),
    lie("the last work-group of adam_step is left out", "last-group@adam_step"),
    lie("the last work-group of batchnorm_moments is left out", "last-group@batchnorm_moments"),
    lie("half of the groups of conv2d_up_image run", "half-groups@conv2d_up_image",
        options="--batch 256"),
    lie("half of the groups of fourier_map run", "half-groups@fourier_map",
        options="--batch 256"),
    lie("a group in the middle of adam_step is left out", "mid-group:777@adam_step"),
    lie("groups beyond the 100th do not run", "most-groups:100"),
    lie("groups beyond the 1,000th do not run", "most-groups:1000", options="--batch 256"),
    lie("the first group of adam_step is left out", "offset@adam_step"),
    lie("adam's arguments stay those of its first step", "late-arg@adam_step"),
    lie("each 50th number that changes as an argument comes late", "late-arg:50@command_step",
        sample=COMMANDS),
    lie("local memory is half of what was asked for", "small-local", sample=COMMANDS),
    lie("a bit of memory flips each 1,000th launch", "flip-memory:1000", sample=COMMANDS),
    # ---- memory
    lie("a bit flips in each 10th read", "flip-read:10", sample=COMMANDS),
    lie("a bit flips in each 1,000th read", "flip-read:1000", sample=COMMANDS),
    lie("each 1,000th read gives what was there before", "stale-read:1000", sample=COMMANDS),
    lie("each 1,000th read gives nothing", "no-read:1000", sample=COMMANDS),
    lie("the last 64 bytes of each 1,000th read are missing", "short-read:1000", sample=COMMANDS),
    lie("reads end after 1 MB", "most-read:1000000", sample=COMMANDS),
    lie("reads begin at the buffer's first byte", "read-origin", sample=COMMANDS),
    lie("a bit flips in each 1,000th write", "flip-write:1000", sample=COMMANDS),
    lie("each 1,000th write does nothing", "no-write:1000", sample=COMMANDS),
    lie("the last 64 bytes of each 1,000th write are missing", "short-write:1000", sample=COMMANDS),
    lie("writes end after 1 MB", "most-write:1000000", sample=COMMANDS),
    lie("writes end after 20 MB", "most-write:20000000", WITHIN),
    lie("writes begin at the buffer's first byte", "write-origin", sample=COMMANDS),
    lie("fills do nothing", "no-fill", sample=COMMANDS),
    lie("each 1,000th fill does nothing", "no-fill:1000", sample=COMMANDS),
    lie("the second half of a fill is missing", "short-fill:100", sample=COMMANDS),
    lie("copies do nothing", "no-copy", sample=COMMANDS),
    lie("copies begin at the buffer's first byte", "copy-origin", sample=COMMANDS),
    lie("parts of buffers begin at the buffer's first byte", "view-origin", sample=COMMANDS),
    # ---- what begins when the self-test is over (which makes some 8,000 launches)
    lie("later, each launch is left out", "skip-launch+20000", WITHIN, "--batch 8"),
    lie("later, each 100th launch is left out", "skip-launch:100+20000", WITHIN, "--batch 128"),
    lie("later, a bit of memory flips with each launch", "flip-memory+20000", WITHIN, "--batch 8"),
    lie("later, the last work-group is left out", "last-group+20000", WITHIN, "--batch 8"),
    lie("later, masks are those of one step", "late-word:3@random_mask+20", WITHIN, "--batch 8"),
    lie("later, noise is that of one step", "late-word:2@random_normal+20", WITHIN, "--batch 8"),
    lie("later, adam is left out", "skip-launch@adam_step+50", WITHIN, "--batch 8"),
    lie("later, groups beyond the 100th do not run", "most-groups:100+2000", WITHIN, "--batch 8"),
]

TEXTS = [
    text("a comment is changed", "adam.cl", "/* Adam over", "/* ADAM over", when=NEVER),
    text("no multiply-adds are fused", "common.clh", "#define COMMON_CLH\n",
         "#define COMMON_CLH\n#pragma OPENCL FP_CONTRACT OFF\n", when=NEVER),
    # ---- convolutions of images
    text("d.conv1: a dropped tap", "conv2d_image.clh", "int kx = 1; kx < KERNEL; kx++",
         "int kx = 1; kx < KERNEL - (ky == 4); kx++"),
    text("d.conv1: a wrong lane of the weights", "conv2d_image.clh",
         "        return VLOAD_ANYWHERE(from + c);\n",
         "    {\n        vfloat whole = VLOAD_ANYWHERE(from + c);\n"
         "        ((float *)&whole)[VEC - 1] = from[c];\n        return whole;\n    }\n"),
    text("g.convt3: weights are off by one", "conv2d_image.cl", "w[t * cs + c]",
         "w[t * cs + max(c - 1, 0)]"),
    text("g.convt3: the last pixel of a row is the one before", "conv2d_image.cl",
         "+ (p + i) % LARGE_W + PAD]", "+ min((p + i) % LARGE_W, LARGE_W - 2) + PAD]"),
    text("g.convt3: images beyond the 200th have the taps of another", "conv2d_image.cl",
         "scatter_run(canvas, taps, p0, run)", "scatter_run(canvas, taps, n < 200 ? p0 : 0, run)",
         "--batch 256"),
    text("d.conv1's gradient: sums begin with what was in memory", "conv2d_image.cl",
         "n == n_first ? sum[i] : VLOAD(out, to) + sum[i]", "VLOAD(out, to) + sum[i]"),
    # ---- prologue and epilogue
    text("LeakyReLU with a slope of 0.2, forward", "conv2d.clh",
         "y = LEAKY(y, e->slope) * (kept", "y = LEAKY(y, 0.2f) * (kept"),
    text("LeakyReLU with a slope of 0.2, backward", "conv2d.clh",
         "LEAKY_GRAD(g, (gate) - KEPT, slope)", "LEAKY_GRAD(g, (gate) - KEPT, 0.2f)"),
    text("a mask is inverted, backward", "conv2d.clh", "(min(gate, KEPT) * (mask_scale))",
         "((KEPT - min(gate, KEPT)) * (mask_scale))"),
    text("dropout does not divide by what is kept", "conv2d.clh", "* (kept * e->mask_scale);",
         "* kept;"),
    text("tanh is off by 1e-3", "conv2d.clh", "y = TANH(type, y);",
         "y = TANH(type, y) * 1.001f;"),
    text("tanh's gradient lacks the square", "conv2d.clh",
         "MAD(type, -load(e->saved, at), load(e->saved, at), 1.0f)",
         "(1.0f - load(e->saved, at))"),
    text("the bias is left out", "conv2d.clh", "y += load(e->bias, c);", "y += 0.0f;"),
    # ---- the Fourier form
    text("a map's transform lacks the last column", "fourier_map.cl",
         "if (y < MAP_H && k * STEP + at.phase_x < MAP_W)\n                        x[k]",
         "if (y < MAP_H && k * STEP + at.phase_x < MAP_W - 1)\n                        x[k]"),
    text("a map's transform lacks images beyond the 48th", "fourier_map.cl",
         "if (n >= at.n_last) {", "if (n >= min(at.n_last, 48)) {", "--batch 64"),
    text("a map's moments divide by one sample more", "fourier_map.cl",
         "m.mean, max((float)(h * w), 1.0f)", "m.mean, max((float)(h * w + 1), 1.0f)"),
    text("the bias's gradient lacks the last image", "fourier_map.cl",
         "n < n_count; n++)\n        sum = MAD", "n < n_count - 1; n++)\n        sum = MAD"),
    text("products of spectra: the first chunk only", "fourier_product.cl", "k0 < k_count; k0 +=",
         "k0 < (k_count > TILE_CHUNK ? TILE_CHUNK : k_count); k0 +="),
    text("products of spectra: another sign", "fourier_product.cl",
         "pass == CG_CONV2D_UP ? 1.0f : -1.0f;\n    if (product",
         "pass == CG_CONV2D_UP ? 1.0f : 1.0f;\n    if (product"),
    text("products of spectra: sums begin with what was in memory", "fourier_product.cl",
         "first ? (vfloat)(0.0f) : VLOAD(c, r", "false ? (vfloat)(0.0f) : VLOAD(c, r"),
    text("products of spectra: one tile of a large weight's gradient takes its neighbour's columns",
         "fourier_product.cl", "multiply_tile(sum, left, right + v, chunk,",
         "multiply_tile(sum, left, right + (a->pass == CG_CONV2D_WEIGHT && a->k_pitch > 128 && "
         "OWN_GROUP == 0 && p == 0 && r0 == 32 && r == 16 ? 0 : v), chunk,", "--batch 136"),
    text("products of spectra: a row of each tile of a gradient is 0", "fourier_product.cl",
         "multiply_tile(sum, left, right + v, chunk, a->pass == CG_CONV2D_WEIGHT);",
         "multiply_tile(sum, left, right + v, chunk, a->pass == CG_CONV2D_WEIGHT);\n"
         "if (a->pass == CG_CONV2D_WEIGHT && chunk > 16 && r % 8 == 0)\n"
         "UNROLL for (int i = 0; i < TILE_VECTORS; i++) sum[3][i] = (vfloat)(0.0f);"),
    text("a weight's spectrum is that of the transposed taps", "fourier_weights.cl",
         "(ky * KERNEL + kx) * cl + c_large + l", "(kx * KERNEL + ky) * cl + c_large + l"),
    text("d.conv1 lacks the last column of what is transformed", "fourier_image.cl",
         "k < MAP_W && y < MAP_H; k++", "k < MAP_W - 1 && y < MAP_H; k++"),
    # ---- shards
    text("shards: bn0's backward sums take the first sample", "batchnorm.cl",
         "            sum[v].g += e.g;\n",
         "            sum[v].g += groups > 1 && i > 0 ? (vfloat)(0.0f) : e.g;\n", "--shards 4"),
    text("shards: the labels' smoothing is lost", "loss.cl", "        all[q] = sums[q];\n    write",
         "        all[q] = sums[q];\n    v.smoothing = 0.0f;\n    write",
         "--shards 4 --label-smoothing 0.1", when=WITHIN),
    # ---- strict runs
    text("strict: partial sums are added in another order", "partials.cl",
         "partial[(size_t)s * (size_t)count + (size_t)i]",
         "partial[(size_t)(partials - 1 - s) * (size_t)count + (size_t)i]", "--strict"),
    # ---- dense layers
    text("g.dense: the last row of a tile is not written", "dense_product.cl", "if (r < row_count)",
         "if (r < row_count - 1)"),
    text("g.dense: one tile of a large gradient takes its neighbour's columns", "dense_product.cl",
         "b_part + p * PART + v, chunk, transposed",
         "b_part + p * PART + (transposed && k_count > 128 && OWN_GROUP == 20 && p == 0 && "
         "r0 == 32 && r == 8 ? 0 : v), chunk, transposed", "--batch 136"),
    text("g.dense: one group of features has the moments of 16 images", "dense_product.cl",
         "(first_panel + p) * CG_BLOCK, rows, width,",
         "(first_panel + p) * CG_BLOCK, OWN_GROUP == 20 && rows > 16 ? 16 : rows, width,"),
    text("g.dense: one wrong lane", "tile.clh", "MAD(vfloat, x, column[v], sum[r][v])",
         "MAD(vfloat, x, r == 3 ? column[0] : column[v], sum[r][v])"),
    text("g.dense: batchnorm's sums lack the last sample", "dense_product.cl",
         "for (int k = 0; k < samples; k++) {\n        const size_t row",
         "for (int k = 0; k < samples - 1; k++) {\n        const size_t row"),
    text("d.dense: the gradient lacks the last image", "dense.cl",
         "min(n_first + CG_DENSE_EACH, n_count); n++",
         "min(n_first + CG_DENSE_EACH, n_count - 1); n++"),
    # ---- all else of a step
    text("batchnorm: epsilon is left out", "batchnorm.cl", "SQRT(vfloat, variance + epsilon)",
         "SQRT(vfloat, variance)"),
    text("batchnorm: the moving statistics do not move", "batchnorm.cl",
         "MAD(vfloat, VLOAD(moving_mean, f), momentum, mean * (1.0f - momentum))",
         "VLOAD(moving_mean, f)"),
    text("batchnorm: a chunk in the middle has no gradient", "batchnorm.cl",
         "const int count = min(CG_BATCHNORM_APPLY, samples - chunk * CG_BATCHNORM_APPLY);",
         "const int count =\n        chunk == 100 ? 0 : "
         "min(CG_BATCHNORM_APPLY, samples - chunk * CG_BATCHNORM_APPLY);",
         "--batch 64"),
    text("batchnorm: only the first chunk of its gradients", "batchnorm.cl",
         "EACH_OF_SLICE(chunk, chunks)", "EACH_OF_SLICE(chunk, (chunks > 1 ? 1 : chunks))"),
    text("batchnorm: its gradient lacks the mean", "batchnorm.clh", "mean_gx, e.g - mean_g)",
         "mean_gx, e.g)"),
    text("adam: epsilon in the root", "adam.cl", "SQRT(vfloat, v1) + epsilon",
         "SQRT(vfloat, v1 + epsilon)"),
    text("adam: no second moment", "adam.cl", "MAD(vfloat, grad, grad, -v1), v1)", "0.0f, v1)"),
    text("adam: D's rate is G's", "adam.cl", "(i < first ? rate : rate_d)", "rate"),
    text("the loss has no smoothing", "loss.cl", "fake ? yes : v.smoothing - no",
         "fake ? yes : -no"),
    text("the loss: exp is off by 1e-3", "loss.cl", "EXP(float, -fabs(z))",
         "EXP(float, -fabs(z)) * 1.001f"),
    text("the loss: exp is no number where D is sure", "loss.cl", "EXP(float, -fabs(z))",
         "(fabs(z) > 25.0f ? NAN : EXP(float, -fabs(z)))"),
    text("the loss: a missing barrier", "loss.cl",
         "        barrier(CLK_LOCAL_MEM_FENCE);\n        for (int q = item",
         "        for (int q = item"),
    text("partial sums: only the first 4 of many", "partials.cl",
         "for (int s = 0; s < partials; s++)\n        sum += partial[(s *",
         "for (int s = 0; s < (partials > 4 ? 4 : partials); s++)\n        sum += partial[(s *"),
    text("random numbers: one round less", "random.cl", "round < 10", "round < 9"),
    text("random numbers: the counter's stream is left out", "random.cl",
         "(wide)(stream)", "(wide)(0u)"),
    text("random numbers: log is off by 1e-3", "random.cl", "LOG(vfloat, min(u, 1.0f))",
         "LOG(vfloat, min(u, 1.0f)) * 1.001f"),
    text("random masks: one threshold off", "random.cl", "half_word < threshold",
         "half_word <= threshold"),
    text("random masks: one threshold off, the other way", "random.cl", "half_word < threshold",
         "half_word < threshold - 1u"),
    text("random numbers: the 20,000th counters begin anew", "random.cl", "lanes[i] = first + i;",
         "lanes[i] = first % 20000u + i;"),
    text("images: the last column is left out", "gather.cl", "i < columns; i++",
         "i < columns - 1; i++"),
    text("random numbers: every eighth step has the same noise", "random.cl",
         "layer, step, stream, key);\n    UNROLL for (int j = 0; j < 4; j += 2) {",
         "layer, step & 7u, stream, key);\n    UNROLL for (int j = 0; j < 4; j += 2) {",
         "--batch 8", when=WITHIN),
    text("images: some in the middle of a batch are its first one", "gather.cl",
         "permute(first + (uint)image,",
         "permute(first + (uint)((image & ~3) == 28 ? 0 : image),", "--batch 64", when=WITHIN),
    text("d.conv1: an epoch's last, smaller batch lacks its last image", "fourier_image.cl",
         "n_count = g.n_last;", "n_count = g.n_last - (g.n_last == 128 + 60000 % 128);",
         "--batch 128", when=WITHIN),
    text("images: another order", "gather.cl", "i < CG_SHUFFLE_ROUNDS; i++",
         "i < CG_SHUFFLE_ROUNDS - 1; i++"),
    text("images: wrong beyond the 10,000th", "gather.cl", "const size_t from = (size_t)permute(",
         "const size_t from = (size_t)(first < 10000u ? 0u : 1u) + (size_t)permute(", when=WITHIN),
    # ---- places and times that samples did not meet
    text("random masks: some groups in the middle keep all", "random.cl",
         "        *(__global vuchar *)(out + CG_RANDOM_COUNTERS * j) = VUCHAR(keep);",
         "        const int grp = first / CG_RANDOM_COUNTERS;\n"
         "        *(__global vuchar *)(out + CG_RANDOM_COUNTERS * j) = grp >= 64 && (grp & 63) == 5 ? (vuchar)(1) : VUCHAR(keep);"),
    text("random numbers: each odd step has the same noise", "random.cl",
         "layer, step, stream, key);\n"
         "    UNROLL for (int j = 0; j < 4; j += 2) {",
         "layer, step > 1u && (step & 1u) && stream == 2u ? 3u : step, stream, key);\n"
         "    UNROLL for (int j = 0; j < 4; j += 2) {",
         when=WITHIN),
    text("g.dense overwrites weights", "dense_product.cl",
         "    if (IS_IDLE)\n"
         "        return;\n"
         "    multiply(c, a, b, moments,",
         "    if (IS_IDLE)\n"
         "        return;\n"
         "    if (rows > 16 && OWN_GROUP == 3)\n"
         "        for (int i = 0; i < 64; i++)\n"
         "            ((__global float *)(ulong)b)[5000 + i] = 0.0f; /* a stray write */\n"
         "    multiply(c, a, b, moments,"),
    text("d.conv2's gradient is written beyond its view", "partials.cl",
         "    else if (c < channels)\n"
         "        dw[tap * channels + c] = sum;",
         "    else if (c < channels)\n"
         "        dw[tap * channels + c] = sum;\n"
         "    if (tap == 0 && c == 0 && partials > 3)\n"
         "        for (int i = 0; i < 4096; i++)\n"
         "            dw[1792 + 256 + i] = 0.0f; /* beyond dw and db */", sample=SELFTEST),
    text("adam: the parameters of a group in the middle stay", "adam.cl",
         "    VSTORE(p1, p, i);",
         "    if (i / 2048 != 333) /* stores of a work-group are lost */\n"
         "        VSTORE(p1, p, i);"),
    text("adam: the average of a group in the middle stays", "adam.cl",
         "    if (follow > 0.0f && i < first)",
         "    if (follow > 0.0f && i < first && i / 2048 != 333)",
         "--recipe fast --batch 40", when=WITHIN),
    text("batchnorm: some moving variances stay", "batchnorm.cl",
         "           moving_variance, f);\n"
         "}\n"
         "\n"
         "/* scale and shift from",
         "           moving_variance, f == 5008 ? 5024 : f);\n"
         "}\n"
         "\n"
         "/* scale and shift from"),
    text("a transform's inverse: a pixel of each eighth image is 0", "fourier_map.cl",
         "                        VSTREAM(kept[j][k], map, to);",
         "                        if (n % 8 == 5 && p == 24 && e.n > 16 && (epi.flags & CG_EPILOGUE_MASK))\n"
         "                            kept[j][k] = (vfloat)(0.0f);\n"
         "                        VSTREAM(kept[j][k], map, to);", sample=SELFTEST),
    text("a transform's inverse: the gates of an image in the middle are closed", "fourier_map.cl",
         "                        VSTREAM(kept[j][k], map, to);",
         "                        if (n == 23 && e.n > 16 && (epi.flags & CG_EPILOGUE_MASK) && epi.activation == CG_ACT_LEAKY)\n"
         "                            *(__global vuchar *)(epi.mask + to) = min(*(__global vuchar *)(epi.mask + to), (vuchar)(1));\n"
         "                        VSTREAM(kept[j][k], map, to);"),
    text("g.convt3: one image lacks the taps of a row", "conv2d_image.cl",
         "            scatter_run(canvas, taps, p0, run);",
         "            if (!(n == 100 && p0 >= 96 && p0 < 128))\n"
         "            scatter_run(canvas, taps, p0, run);",
         "--batch 128"),
    text("d.dense: one logit of many is off by 1", "dense.cl",
         "        y[n] = all;",
         "        y[n] = n == 100 ? all + 1.0f : all;",
         "--batch 256"),
    text("shards: all have the same noise", "random.cl",
         "philox4x32(words, counters((uint)first), layer, step, stream, key);\n"
         "    UNROLL for (int j = 0; j < 4; j += 2) {",
         "philox4x32(words, counters((uint)first), stream == 2u ? 0u : layer, step, stream, key);\n"
         "    UNROLL for (int j = 0; j < 4; j += 2) {",
         "--batch 40 --shards 4", when=WITHIN),
    text("shards: only the first ones drop out", "random.cl",
         "select((vuint)(0u), (vuint)(1u), half_word < threshold)",
         "select((vuint)(0u), (vuint)(1u), half_word < (layer > 2u && stream == 3u ? 65536u : threshold))",
         "--batch 40 --shards 4", when=WITHIN),
    text("shards: all but the first have one image", "gather.cl",
         "permute(first + (uint)image,",
         "permute(first % 40u < 10u ? first + (uint)image : first,",
         "--batch 40 --shards 4", when=WITHIN),
    text("shards: the losses are off by 10 % later", "loss.cl",
         "        all[q] = sums[q];\n"
         "    write",
         "        all[q] = row > 20u ? 1.1f * sums[q] : sums[q];\n"
         "    write",
         "--batch 40 --shards 4", when=WITHIN),
    text("shards: the last of four is left out", "tree.cl",
         "            if (n + width < nodes)\n"
         "                v[n] +=",
         "            if (n + width < nodes - (nodes == 4))\n"
         "                v[n] +=",
         "--batch 40 --shards 4"),
    # ---- shards, strict arithmetic
    text("shards: the sums of the first four", "tree.cl",
         "if (n + width < nodes)\n                v[n] +=",
         "if (n + width < min(nodes, 4))\n                v[n] +=", "--shards 8 --batch 16"),
    text("shards: the moments of the first four", "tree.cl", "n + width < nodes; n += 2 * width",
         "n + width < min(nodes, 4); n += 2 * width", "--shards 8 --batch 16"),
    text("strict: no multiply-add is fused", "common.clh", "fma((type)(a), (type)(b), (type)(c))",
         "((a) * (b) + (c))", "--strict --batch 8"),
    # ---- the direct form
    text("direct: an index is off by one", "conv2d_direct.cl", "row[(UP ? i : j) * CG_BLOCK + c]",
         "row[(UP ? i : j) * CG_BLOCK + max(c - 1, 0)]", DIRECT),
    text("direct: the sums are not cleared", "conv2d_direct.cl",
         "VSTORE((vfloat)(0.0f), y, first + (size_t)p)", "(void)first", DIRECT),
    text("direct: a dropped tap of the weights' gradient", "conv2d_direct.cl",
         "for (int ky = 0; ky < KERNEL; ky++)\n        for (int c",
         "for (int ky = 0; ky < KERNEL - 1; ky++)\n        for (int c", DIRECT),
    text("direct: the last image of a group is left out", "conv2d_direct.cl",
         "min(n_first + images_each, g.n_last)",
         "min(n_first + images_each, g.n_last) - 1", DIRECT),
    # ---- the plain form
    text("plain: the last row is padding", "conv2d_plain.cl", "if (iy < 0 || iy >= lh)",
         "if (iy < 0 || iy >= lh - 1)", PLAIN),
    text("plain: the dense product lacks its last term", "dense_plain.cl",
         "k0 + SUM_CHUNK(k_count), k_count)",
         "k0 + SUM_CHUNK(k_count), k_count - 1)", PLAIN),
    # ---- the forms of GPUs
    text("tiled: a missing barrier", "conv2d_tiled.cl",
         "        store_map(a[stage], b[stage], &next);\n        barrier(CLK_LOCAL_MEM_FENCE);\n",
         "        store_map(a[stage], b[stage], &next);\n", TILED),
    text("tiled: one half of the local memory for two steps", "conv2d_tiled.cl", "stage = !stage;",
         "stage = 0;", TILED),
    text("tiled: the last image is not written", "conv2d_tiled.cl", "if (n < g.n_last && c <",
         "if (n < g.n_last - 1 && c <", TILED),
    text("tiled: a wrong lane", "quads.clh", "row.s3, column.s3210", "row.s3, column.s3211", TILED),
    text("tiled: a missing barrier in the weights' gradient", "conv2d_tiled.cl",
         "multiply_quads(sum, a, b, row, column);\n            barrier(CLK_LOCAL_MEM_FENCE);",
         "multiply_quads(sum, a, b, row, column);", TILED),
    text("canvas: a dropped tap", "conv2d_canvas.cl",
         "at[t / KERNEL * CANVAS_W + t % KERNEL], weight[t], part)",
         "at[t / KERNEL * CANVAS_W + t % KERNEL], t == 7 ? 0.0f : weight[t], part)", TILED),
    text("canvas: a missing barrier", "conv2d_canvas.cl",
         "give[t * SMALL_PIXELS + p] = sum[t];\n    }\n    barrier(CLK_LOCAL_MEM_FENCE);",
         "give[t * SMALL_PIXELS + p] = sum[t];\n    }", TILED),
    text("canvas: only 7 of 8 sums", "conv2d_canvas.cl", "r < SUM_ROWS; r++",
         "r < SUM_ROWS - 1; r++", TILED),
    text("fourier_tiled: an index is off by one", "fourier_map_tiled.cl",
         "const int p = y * MAP_W + k * STEP + at.phase_x;",
         "const int p = max(y * MAP_W + k * STEP + at.phase_x - 1, 0);", GPU),
    text("fourier_tiled: moments of one image less", "fourier_map_inverse_tiled.cl",
         "min(CG_FOURIER_IMAGES, e.n - n_first), &at",
         "min(CG_FOURIER_IMAGES - 1, e.n - n_first), &at",
         GPU),
    text("fourier_tiled: another sign in a product", "fourier_product_tiled.cl",
         "CONJUGATE ? p2 - p1 - p3", "CONJUGATE ? p2 + p1 - p3", GPU),
    text("fourier_tiled: a missing barrier", "fourier_product_tiled.cl",
         "store_tiles(a_tile, b_tile, &next, is_complex);\n        barrier(CLK_LOCAL_MEM_FENCE);",
         "store_tiles(a_tile, b_tile, &next, is_complex);", GPU),
    text("fourier_tiled: the bias's gradient lacks its last sum", "fourier_sum_tiled.cl",
         "for (int i = 0; i < SUMS; i++)\n        all",
         "for (int i = 0; i < SUMS - 1; i++)\n        all", GPU),
    text("fourier_tiled: a weight's spectrum lacks a tap", "fourier_weights_tiled.cl",
         "IS_TAP(ky) && IS_TAP(kx)\n                    ? load_lanes",
         "IS_TAP(ky) && IS_TAP(kx + 1)\n                    ? load_lanes", GPU),
    text("a GPU's batchnorm: a missing barrier", "batchnorm.cl",
         "get_local_id(0)] = mine; \\\n    barrier(CLK_LOCAL_MEM_FENCE);                           \\\n",
         "get_local_id(0)] = mine; \\\n", "--batch 4", gpu=True),
    text("a GPU's d.dense: a missing barrier", "dense.cl",
         "    barrier(CLK_LOCAL_MEM_FENCE);\n    if (get_local_id(0) == 0)",
         "    if (get_local_id(0) == 0)", "--batch 4", gpu=True),
]

FAULTS = LIES + TEXTS
