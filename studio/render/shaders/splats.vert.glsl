#version 330 core
// One corner of the quad round a splat: its ellipse in the picture, and its colour along this direction.
const int PER_ROW = 512;
const float LOG_LEAST = 5.541263545, MARGIN = 0.15;

uniform sampler2D numbers, colours;
uniform int n_colours;
uniform mat3 to_picture;
uniform vec3 eye;
uniform vec2 size;
uniform float near, blur;

in uint id;
out vec2 offset;
flat out vec3 falls;  // of the logarithm of opacity: along x, its lean, along y
flat out float peak;
flat out vec3 seen;

vec4 number(int i) { return texelFetch(numbers, ivec2(int(id) % PER_ROW * 4 + i, int(id) / PER_ROW), 0); }
vec3 harmonic(int i) { return texelFetch(colours, ivec2(int(id) % PER_ROW * n_colours + i, int(id) / PER_ROW), 0).rgb; }

vec3 colour_along(vec3 d) {
    float x = d.x, y = d.y, z = d.z, xx = x * x, yy = y * y, zz = z * z;
    vec3 sum = vec3(0.5) + 0.28209479 * harmonic(0);
    if (n_colours >= 4) sum += 0.48860251 * (-y * harmonic(1) + z * harmonic(2) - x * harmonic(3));
    if (n_colours >= 9)
        sum += 1.09254843 * (x * y * harmonic(4) - y * z * harmonic(5) - x * z * harmonic(7))
            + 0.31539157 * (2.0 * zz - xx - yy) * harmonic(6) + 0.54627422 * (xx - yy) * harmonic(8);
    if (n_colours >= 16)
        sum += -0.59004359 * (y * (3.0 * xx - yy) * harmonic(9) + x * (xx - 3.0 * yy) * harmonic(15))
            + 2.89061144 * x * y * z * harmonic(10) + 0.37317633 * z * (2.0 * zz - 3.0 * xx - 3.0 * yy) * harmonic(12)
            - 0.45704580 * (4.0 * zz - xx - yy) * (y * harmonic(11) + x * harmonic(13))
            + 1.44530572 * z * (xx - yy) * harmonic(14);
    return max(sum, 0.0);
}

void main() {
    vec4 first = number(0), a = number(1), b = number(2), c = number(3);
    vec3 away = first.xyz - eye, there = to_picture * away;
    float depth = there.z, reach = 2.0 * (first.w + LOG_LEAST);
    gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
    if (depth <= near || reach <= 0.0) return;
    vec2 middle = there.xy / depth, bent = clamp(middle, -MARGIN * size, (1.0 + MARGIN) * size);
    vec3 axis = vec3(to_picture[0].z, to_picture[1].z, to_picture[2].z);
    vec3 along_x = (vec3(to_picture[0].x, to_picture[1].x, to_picture[2].x) - bent.x * axis) / depth;
    vec3 along_y = (vec3(to_picture[0].y, to_picture[1].y, to_picture[2].y) - bent.y * axis) / depth;
    mat3 columns = mat3(a.x, a.w, b.z, a.y, b.x, b.w, a.z, b.y, c.x);
    vec3 p = along_x * columns, q = along_y * columns, apart = cross(p, q);
    float sharp_xx = dot(p, p), xy = dot(p, q), sharp_yy = dot(q, q), xx = sharp_xx + blur, yy = sharp_yy + blur;
    float area = dot(apart, apart) + blur * (sharp_xx + sharp_yy) + blur * blur;
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    offset = corner * sqrt(reach * vec2(xx, yy));
    falls = vec3(-0.5 * yy / area, xy / yy, -0.5 / yy);
    peak = first.w;
    seen = colour_along(normalize(away));
    vec2 place = (middle + offset) / size * 2.0 - 1.0;
    gl_Position = vec4(place.x, -place.y, 0.0, 1.0);
}
