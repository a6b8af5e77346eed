  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (local i32 i32 i32 i32)
    (if ;; label = @1
      (i32.eqz
        (local.tee 1
          (i32.load offset=128
            (local.get $frame))))
      (then
        (return
          (i32.const 65792))))
    (local.set 1
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 240)))
    (if (result i32) ;; label = @1
      (i64.eq
        (i64.load32_u offset=404
          (local.get $frame))
        (i64.load32_u offset=4
          (local.get 1)))
      (then
        (local.set 3
          (i32.add
            (local.tee 2
              (i32.add
                (local.tee 2
                  (local.get 1))
                (i32.load
                  (local.get 2)))
              (local.set 3
                (i32.mul
                  (i32.load offset=4
                    (local.get 2))
                  (i32.const 8))))
            (local.get 3)))
        (local.set 4
          (i32.const 0))
        (block ;; label = @2
          (loop ;; label = @3
            (br_if 1 (;@2;)
              (i32.ge_u
                (local.get 2)
                (local.get 3)))
            (br_if 1 (;@2;)
              (local.tee 4
                (i32.eqz
                  (call $has_string
                    (i32.add
                      (local.get $frame)
                      (i32.const 400))
                    (local.get 2)))))
            (local.set 2
              (i32.add
                (local.get 2)
                (i32.const 8)))
            (br 0 (;@3;))))
        (i32.eqz
          (local.get 4)))
      (else
        (i32.const 0)))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
