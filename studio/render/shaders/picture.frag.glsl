#version 330 core
// A picture, enlarged bilinearly; `sharpness` of the way from its four neighbours' mean is added once more.
uniform sampler2D picture;
uniform vec4 rect;        // left, top, width and height of the picture as shares of the target, y downwards
uniform vec3 background;
uniform float sharpness;
in vec2 place;
out vec4 colour;

void main() {
    vec2 point = (vec2(place.x, 1.0 - place.y) - rect.xy) / rect.zw;
    if (any(lessThan(point, vec2(0.0))) || any(greaterThan(point, vec2(1.0)))) {
        colour = vec4(background, 1.0);
        return;
    }
    vec2 step_size = 1.0 / vec2(textureSize(picture, 0));
    vec3 centre = texture(picture, point).rgb;
    vec3 around = texture(picture, point + vec2(step_size.x, 0.0)).rgb
        + texture(picture, point - vec2(step_size.x, 0.0)).rgb
        + texture(picture, point + vec2(0.0, step_size.y)).rgb
        + texture(picture, point - vec2(0.0, step_size.y)).rgb;
    colour = vec4(clamp(centre + sharpness * (centre - 0.25 * around), 0.0, 1.0), 1.0);
}
