/* clgan report: runs are read, their newest checkpoints draw, and all of it becomes a page. */
#include <clgan/report.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "report/page.h"

#include <stdlib.h>

static cg_status read_run(cg_exhibit *e, size_t i, cg_studio *studio)
{
    cg_status status = CG_OK;
    cg_chronicle *chronicle = &e->runs.items[i];
    CG_TRY(cg_album_read(&e->albums[i], chronicle));
    CG_TRY(cg_shots_draw(&e->shots[i], studio, chronicle));
    status = chronicle->notes.status;
done:
    return status;
}

/* All folders are looked at before anything is drawn: a wrong one is told at once. */
static cg_status read_runs(cg_exhibit *e, const cg_report_options *o)
{
    cg_status status = CG_OK;
    cg_studio *studio = NULL;
    CG_TRY(cg_memory_create(&e->runs.items, o->run_count, sizeof *e->runs.items));
    CG_TRY(cg_memory_create(&e->albums, o->run_count, sizeof *e->albums));
    CG_TRY(cg_memory_create(&e->shots, o->run_count, sizeof *e->shots));
    for (e->runs.count = 0; e->runs.count < o->run_count;) {
        size_t i = e->runs.count++;
        CG_TRY(cg_chronicle_read(&e->runs.items[i], o->runs[i]));
    }
    CG_TRY(cg_studio_create(&studio, o));
    for (size_t i = 0; i < o->run_count; i++)
        CG_TRY(read_run(e, i, studio));
done:
    cg_studio_release(studio);
    return status;
}

static void deinit_exhibit(cg_exhibit *e)
{
    for (size_t i = 0; i < e->runs.count; i++) {
        cg_chronicle_deinit(&e->runs.items[i]);
        cg_album_deinit(&e->albums[i]);
        cg_shots_deinit(&e->shots[i]);
    }
    free(e->runs.items);
    free(e->albums);
    free(e->shots);
}

cg_status cg_report(const cg_report_options *o)
{
    cg_status status = CG_OK;
    cg_exhibit e = {0};
    cg_text page = {0}, png = {0};

    if (o->run_count < 1 || o->run_count > CG_REPORT_RUNS)
        return cg_fail(CG_ERR_ARGUMENT, "a report is of 1 to %d runs, not %zu", CG_REPORT_RUNS,
                       o->run_count);
    CG_TRY(cg_file_probe(o->out));
    CG_TRY(o->png ? cg_file_probe(o->png) : CG_OK);
    CG_TRY(read_runs(&e, o));
    CG_TRY(cg_report_add_page(&page, &e));
    CG_TRY(o->png ? cg_figures_add_png(&png, &e.runs) : CG_OK);
    CG_TRY(cg_file_write(o->out, page.data, page.size));
    CG_TRY(o->png ? cg_file_write(o->png, png.data, png.size) : CG_OK);
done:
    cg_text_deinit(&page);
    cg_text_deinit(&png);
    deinit_exhibit(&e);
    return status;
}
