#version 330 core
// Marches through the bricks of a baked field: leaps over empty blocks, then trilinear opacity, colour where it counts.
uniform usampler3D leap;        // blocks of 2x2x2 cells to the nearest one that holds something
uniform isampler3D index;       // number of the brick of 8x8x8 cells, -1 for none
uniform sampler3D opacity;      // atlas of bricks, 9 points per axis each
uniform sampler3D diffuse;      // red, green, blue, first feature
uniform sampler3D features;     // the other four
uniform ivec2 atlas;            // bricks of the atlas along x and y
uniform sampler2D head;         // table over directions: six entries each, the effects of 1 and of five features on colour
uniform mat3 to_direction;      // of (column, row, 1)
uniform vec2 size;              // pixels of the picture
uniform vec3 origin;            // in voxels, as are the next two
uniform float near;
uniform float step_size;
uniform float exposure;         // factor of the light; 1 leaves the colours
uniform vec4 background;        // multiplied by its opacity
in vec2 place;
out vec4 colour;

const float OPAQUE = 1.0 / 255.0;
const float SEEN = 0.5 / 255.0;

vec2 table_place(vec3 d) {  // column and row of a direction in the table: the sphere unfolded by an octahedron
    vec2 p = d.xy / (abs(d.x) + abs(d.y) + abs(d.z));
    if (d.z < 0.0) p = (1.0 - abs(p.yx)) * mix(vec2(-1.0), vec2(1.0), greaterThanEqual(p, vec2(0.0)));
    return (p + 1.0) * (0.5 * float(textureSize(head, 0).y - 1));
}

vec3 effect(vec2 place, int feature) {
    ivec2 first = min(ivec2(place), ivec2(textureSize(head, 0).y - 2));
    vec2 part = place - vec2(first);
    ivec2 at = ivec2(6 * first.x + feature, first.y);
    vec3 upper = mix(texelFetch(head, at, 0).rgb, texelFetch(head, at + ivec2(6, 0), 0).rgb, part.x);
    vec3 lower = mix(texelFetch(head, at + ivec2(0, 1), 0).rgb, texelFetch(head, at + ivec2(6, 1), 0).rgb, part.x);
    return mix(upper, lower, part.y);
}

vec3 seen_colour(vec3 d, float covered, vec3 fixed_part, float[5] parts) {
    vec2 place = table_place(d);
    vec3 sum = fixed_part + covered * effect(place, 0);
    for (int k = 0; k < 5; k++) sum += parts[k] * effect(place, 1 + k);
    return clamp(sum, vec3(0.0), vec3(covered));
}

vec3 exposed(vec3 seen, float covered) {  // light adds up in linear values, not in sRGB
    if (exposure == 1.0) return seen;
    vec3 c = seen / max(covered, 1e-6);
    vec3 light = mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), greaterThan(c, vec3(0.04045))) * exposure;
    vec3 back = mix(light * 12.92, 1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, greaterThan(light, vec3(0.0031308)));
    return covered * min(back, vec3(1.0));
}

void main() {
    vec3 d = normalize(to_direction * vec3(place.x * size.x, (1.0 - place.y) * size.y, 1.0));
    d = mix(d, vec3(1e-9), lessThan(abs(d), vec3(1e-9)));
    vec3 inverse = 1.0 / d;
    vec3 a = -origin * inverse, b = (vec3(8 * textureSize(index, 0)) - origin) * inverse;
    vec3 low = min(a, b), high = max(a, b);
    float first = max(max(low.x, low.y), max(low.z, near));
    float last = min(high.x, min(high.y, high.z));
    int number = int(first / step_size) + 1, end = int(last / step_size) + 1;
    ivec3 up = ivec3(greaterThan(d, vec3(0.0)));
    float clear = 1.0;
    vec4 fixed_part = vec4(0.0), others = vec4(0.0);
    while (first < last && number < end && clear >= OPAQUE) {
        vec3 p = origin + float(number) * step_size * d;
        ivec3 cell = max(ivec3(p), ivec3(0));
        int away = int(texelFetch(leap, cell >> 1, 0).r);
        if (away > 0) {
            vec3 ends = (vec3(((cell >> 1) + 1 - away + up * (2 * away - 1)) * 2) - origin) * inverse;
            number = max(number, int(min(ends.x, min(ends.y, ends.z)) / step_size)) + 1;
            continue;
        }
        number++;
        int brick = texelFetch(index, cell >> 3, 0).r;
        int layer = brick / (atlas.x * atlas.y), in_layer = brick - layer * atlas.x * atlas.y;
        ivec3 corner = 9 * ivec3(in_layer % atlas.x, in_layer / atlas.x, layer) + (cell & 7);
        vec3 part = p - vec3(cell);
        float weights[8];
        float found = 0.0;
        for (int i = 0; i < 8; i++) {
            ivec3 at = ivec3(i & 1, (i >> 1) & 1, i >> 2);
            vec3 share = mix(1.0 - part, part, vec3(at));
            weights[i] = share.x * share.y * share.z * texelFetch(opacity, corner + at, 0).r;
            found += weights[i];
        }
        if (found <= SEEN) continue;
        float alpha = step_size == 1.0 ? found : 1.0 - pow(max(1.0 - found, 0.0), step_size);
        float scale = clear * alpha / found;
        for (int i = 0; i < 8; i++) {
            ivec3 at = corner + ivec3(i & 1, (i >> 1) & 1, i >> 2);
            fixed_part += scale * weights[i] * texelFetch(diffuse, at, 0);
            others += scale * weights[i] * texelFetch(features, at, 0);
        }
        clear -= clear * alpha;
    }
    float parts[5] = float[5](fixed_part.a, others.r, others.g, others.b, others.a);
    float covered = 1.0 - clear;
    vec3 seen = covered > 0.0 ? seen_colour(d, covered, fixed_part.rgb, parts) : vec3(0.0);
    colour = vec4(exposed(seen, covered), covered) + clear * background;
}
