#version 330 core
// How much of one splat is seen at a pixel; less than 1/255 is not drawn.
const float LOG_LEAST = 5.541263545, MOST = 0.99;

in vec2 offset;
flat in vec3 falls;
flat in float peak;
flat in vec3 seen;
out vec4 colour;

void main() {
    float across = offset.x - falls.y * offset.y;
    float power = peak + falls.z * offset.y * offset.y + falls.x * across * across;
    if (power < -LOG_LEAST) discard;
    float opacity = min(exp(power), MOST);
    colour = vec4(seen * opacity, opacity);
}
