/* The tree as it must be, and operations drawn from a seed: what the k-th does depends on the seed and the tree alone. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 24, MOST = 60000, HEADER = 16, ROOT = 0 };
enum kind { MODIFY, TRUNCATE, MODE, RENAME, EXCHANGE, UNLINK, CREATE, MKDIR, RMDIR, NOTHING };

struct node { int parent, name, directory, alive, below; uint32_t id, mode, uid; uint64_t generation; int empty, touched; };
struct op { enum kind kind; int node, other, parent, name; uint32_t id; uint64_t generation; };

static struct node nodes[MOST];
static int count, files_below;
static uint64_t seed;
static uint32_t lower_uid, own_uid;

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint64_t state;
static uint32_t draw(uint32_t limit) { state = mix(state); return state % limit; }

/* 0 to 1 MiB, most of them small. */
static uint32_t size_of(uint32_t id)
{
    uint64_t r = mix(seed * 77 + id);
    uint32_t most = r % 100 < 10 ? 16 : r % 100 < 70 ? 4096 : r % 100 < 96 ? 65536 : 1 << 20;
    return r % 50 == 7 ? 0 : (r >> 20) % (most + 1);
}

/* Content: who it is and its generation, then a pattern; too small for that, a pattern of the size. */
static void fill(unsigned char *to, uint32_t id, uint64_t generation)
{
    uint32_t size = size_of(id);
    if (size < HEADER) {
        for (uint32_t i = 0; i < size; i++)
            to[i] = 'a' + (i + size) % 26;
        return;
    }
    uint64_t who = id;
    memcpy(to, &generation, 8);
    memcpy(to + 8, &who, 8);
    for (uint32_t i = HEADER; i < size; i++)
        to[i] = (unsigned char)(id * 31 + i * 7 + (i >> 8));
}

static int find(int parent, int name)
{
    for (int i = 1; i < count; i++)
        if (nodes[i].alive && nodes[i].parent == parent && nodes[i].name == name)
            return i;
    return -1;
}

static int add(int parent, int name, int directory, uint32_t id, uint32_t uid)
{
    if (count >= MOST)
        exit(4);
    nodes[count] = (struct node){ .parent = parent, .name = name, .directory = directory, .alive = 1, .id = id, .uid = uid,
                                  .mode = directory ? 0755 : 0644, .empty = !directory && size_of(id) == 0 };
    if (parent >= 0)
        nodes[parent].below++;
    return count++;
}

/* The lower tree: directories three deep, and files in all of them. */
static void start(uint64_t s, int files)
{
    seed = s;
    files_below = files;
    state = mix(s);
    count = 0;
    nodes[count++] = (struct node){ .parent = -1, .directory = 1, .alive = 1, .mode = 0755, .uid = lower_uid };
    int dirs = 1 + files / 12;
    for (int made = 1; made < dirs;) {
        int parent = draw(count), name = draw(NAMES), depth = 0;
        for (int p = parent; p > 0; p = nodes[p].parent)
            depth++;
        if (depth < 3 && find(parent, name) < 0 && ++made)
            add(parent, name, 1, 0, lower_uid);
    }
    for (int made = 0; made < files;) {
        int parent = draw(dirs), name = draw(NAMES);
        if (find(parent, name) < 0)
            add(parent, name, 0, made++, lower_uid);
    }
}

static int pick(int directory)
{
    for (int tries = 0; tries < 2000; tries++) {
        int i = draw(count);
        if (nodes[i].alive && nodes[i].directory == directory)
            return i;
    }
    return -1;
}

static int is_below(int node, int above)
{
    for (; node >= 0; node = nodes[node].parent)
        if (node == above)
            return 1;
    return 0;
}

static struct op decide(int k)
{
    state = mix(seed ^ mix(k + 1));
    struct op op = { NOTHING, -1, -1, -1, -1, files_below + k, k + 1 };
    uint32_t dice = draw(100);
    if (dice < 74) {
        op.node = pick(0);
        /* Untouched ones first: they are still to be copied up. */
        for (int tries = 0; tries < 4 && op.node >= 0 && nodes[op.node].touched; tries++)
            op.node = pick(0);
        if (op.node < 0)
            return op;
        struct node *n = &nodes[op.node];
        op.kind = dice < 38 ? (n->empty || size_of(n->id) < HEADER ? MODE : MODIFY) : dice < 42 ? TRUNCATE : dice < 46 ? MODE : dice < 62 ? RENAME : dice < 66 ? EXCHANGE : UNLINK;
    } else {
        op.kind = dice < 82 ? CREATE : dice < 87 ? RENAME : dice < 90 ? EXCHANGE : dice < 95 ? MKDIR : RMDIR;
        if (op.kind == RENAME || op.kind == EXCHANGE || op.kind == RMDIR) {
            op.node = pick(1);
            for (int tries = 0; op.kind == RMDIR && tries < 50 && op.node >= 0 && nodes[op.node].below > 0; tries++)
                op.node = pick(1);
            if (op.node <= 0 || (op.kind == RMDIR && nodes[op.node].below > 0))
                return op.kind = NOTHING, op;
        }
    }
    if (op.kind == EXCHANGE) {
        /* A directory with a file now and then. */
        op.other = pick(nodes[op.node].directory && draw(4) > 0);
        if (op.other <= 0 || is_below(op.other, op.node) || is_below(op.node, op.other))
            op.kind = NOTHING;
    }
    if (op.kind == RENAME || op.kind == CREATE || op.kind == MKDIR) {
        op.parent = pick(1);
        op.name = draw(NAMES);
        op.other = find(op.parent, op.name);
        int moved = op.kind == RENAME && nodes[op.node].directory, depth = 0;
        for (int p = op.parent; p > 0; p = nodes[p].parent)
            depth++;
        if (depth > 12 || (op.kind == RENAME && (is_below(op.parent, op.node) || op.other == op.node)) || (op.kind == MKDIR && op.other >= 0))
            op.kind = NOTHING;
        else if (op.other >= 0 && (nodes[op.other].directory != moved || nodes[op.other].below > 0))
            op.kind = NOTHING;
    }
    return op;
}

static void remove_node(int i) { nodes[i].alive = 0; nodes[nodes[i].parent].below--; }

static void apply(struct op op)
{
    struct node *n = op.node >= 0 ? &nodes[op.node] : NULL;
    if (n && op.kind != NOTHING)
        n->touched = 1;
    switch (op.kind) {
    case MODIFY: n->generation = op.generation; break;
    case TRUNCATE: n->empty = 1; break;
    case MODE: n->mode ^= 0044; break;
    case RENAME:
        if (op.other >= 0)
            remove_node(op.other);
        nodes[n->parent].below--;
        nodes[op.parent].below++;
        n->parent = op.parent, n->name = op.name;
        break;
    case EXCHANGE: {
        struct node *o = &nodes[op.other];
        int parent = o->parent, name = o->name;
        o->parent = n->parent, o->name = n->name, o->touched = 1;
        n->parent = parent, n->name = name;
        break;
    }
    case UNLINK: case RMDIR: remove_node(op.node); break;
    case CREATE:
        if (op.other >= 0)
            remove_node(op.other);
        nodes[add(op.parent, op.name, 0, op.id, own_uid)].touched = 1;
        break;
    case MKDIR: add(op.parent, op.name, 1, 0, own_uid); break;
    case NOTHING: break;
    }
}

/* The path of a node, or of a name in a directory, below the working directory. */
static char *path_of(int parent, int name, char *to)
{
    int names[64], n = 0;
    for (names[n++] = name; parent > 0; parent = nodes[parent].parent)
        names[n++] = nodes[parent].name;
    char *at = to;
    while (n-- > 0)
        at += sprintf(at, "%sn%d", at == to ? "" : "/", names[n]);
    return to;
}
