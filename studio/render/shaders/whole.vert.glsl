#version 330 core
// One triangle that covers the whole target; `place` goes from (0, 0), bottom left, to (1, 1).
out vec2 place;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
    place = corner;
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
